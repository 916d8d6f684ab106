import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  // relative, so that it works behind whatever prefix a proxy adds
  base: "./",
  plugins: [react()],
  // the widget's sources, not what it was last built to
  resolve: { conditions: ["steadyscore-source", ...defaultClientConditions] },
  build: {
    outDir: "../../api/console",
    emptyOutDir: true,
    // before these `light-dark()` is rewritten to what needs the page's help
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"],
    // inlined files would need `data:` in the content security policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_500,
  },
  server: { port: 5173, proxy: { "^/(?!src|node_modules|@|index.html|$).*": "http://127.0.0.1:8000" } },
});
