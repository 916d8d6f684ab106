// What zod's `config({ jitless: true })` says. zod would try `eval` when the first schema is made, which the page's content
// security policy reports, and bundled schemas are made before any module that imports zod has its turn
(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };

await import("./start");

export {};
