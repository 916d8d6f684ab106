import react from "@vitejs/plugin-react";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ["steadyscore-source", ...defaultClientConditions] },
  test: {
    environment: "jsdom",
    include: ["{widget,console}/src/**/*.test.{ts,tsx}"],
    setupFiles: ["./testing/setup.ts"],
    restoreMocks: true,
    testTimeout: 60_000,
    // wrong on purpose for most readers: a test that forgets the zone fails everywhere alike
    env: { TZ: "Asia/Kathmandu" },
  },
});
