import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import own from "./package.json" with { type: "json" };

const BROUGHT = Object.keys({ ...own.dependencies, ...own.peerDependencies });

/** What a host gets: ES modules without any library in them, the history in a file of its own, one stylesheet. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    cssCodeSplit: true,
    lib: { entry: { index: "src/index.ts", styles: "src/styles.css" }, formats: ["es"] },
    rolldownOptions: { external: (name) => BROUGHT.some((one) => name === one || name.startsWith(`${one}/`)) },
  },
});
