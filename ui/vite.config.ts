import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "dist",
    // The oldest screens that a ward hangs on its walls; WebKitGTK 2.50 is newer than these.
    target: ["es2020", "chrome100", "safari15"],
    cssTarget: ["chrome100", "safari15"],
    // The station's content security policy allows files of its own only: no `data:` address, no inline script.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8750",
      "/ws": { target: "ws://127.0.0.1:8750", ws: true },
    },
  },
  // Components are tested as a browser mounts them, not as a server renders them.
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
  test: {
    environment: "node",
    // The colours are read as they stand, to measure their contrast.
    css: { include: [/colours\.css/] },
    include: ["src/**/*.test.ts"],
  },
});
