import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    rollupOptions: { input: ["app.html", "join.html", "setup.html"] },
    // The box's content policy allows no inline data but pictures.
    assetsInlineLimit: 0,
  },
  test: { environment: "node", include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
