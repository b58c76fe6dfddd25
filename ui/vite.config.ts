/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The policy that src-tauri ships (`tauri.conf.json`); the fake build is served under it too, so that what it would block shows up early. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src ipc: http://ipc.localhost; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** KaTeX names each of its fonts in three formats; every web view that this runs in reads the first, so the others are not packed. */
const onlyWoff2: Plugin = {
  name: "only-woff2",
  enforce: "pre",
  transform: (code, id) =>
    /katex.*\.css/.test(id) ? code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)/g, "") : undefined,
};

/** The application is loaded once its words are there (`src/app/main.tsx`): its files need not wait until then to be fetched. */
const startAtOnce: Plugin = {
  name: "start-at-once",
  transformIndexHtml: {
    order: "post",
    handler: (html, { bundle = {} }) => {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const start = chunks.find((chunk) => chunk.facadeModuleId?.endsWith("/src/app/start.tsx"));
      if (!start) return [];
      const link = (rel: string, file: string) => ({
        tag: "link",
        attrs: { rel, crossorigin: true, href: `/${file}` },
        injectTo: "head" as const,
      });
      const scripts = [start.fileName, ...start.imports].filter((file) => !html.includes(file));
      const styles = [...(start.viteMetadata?.importedCss ?? [])];
      return [...scripts.map((file) => link("modulepreload", file)), ...styles.map((file) => link("stylesheet", file))];
    },
  },
};

export default defineConfig(({ mode }) => {
  // Swapping the transport below the generated bindings, and not the bindings, keeps the fake honest: names and shapes stay checked,
  // and a production build cannot contain a line of it because nothing else imports it.
  const fake = mode === "fake" || mode === "test";
  return {
    plugins: [react(), onlyWoff2, startAtOnce],
    worker: { format: "es" },
    resolve: {
      alias: [
        ...(fake
          ? [
              { find: "@tauri-apps/api/core", replacement: here("./src/host/fake/core.ts") },
              { find: "@tauri-apps/api/event", replacement: here("./src/host/fake/event.ts") },
            ]
          : []),
        { find: /^@\//, replacement: `${here("./src")}/` },
      ],
    },
    build: {
      outDir: mode === "fake" ? "dist-fake" : "dist",
      target: ["es2022", "safari17"],
      // A font or picture inlined as data: would be refused by font-src 'self'.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
    preview: { headers: { "Content-Security-Policy": policy } },
    clearScreen: false,
    server: { port: 5173, strictPort: true },
    test: {
      environment: "jsdom",
      setupFiles: ["./test/setup.ts"],
      include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
      css: false,
      // Generous: a busy machine is slow and not wrong.
      testTimeout: 120_000,
    },
  };
});
