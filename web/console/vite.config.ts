import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  // relative, so that it works behind whatever prefix a proxy adds
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../../api/console",
    emptyOutDir: true,
    // inlined files would need `data:` in the content security policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_500,
  },
  server: { port: 5173, proxy: { "^/(?!src|node_modules|@|index.html|$).*": "http://127.0.0.1:8000" } },
});
