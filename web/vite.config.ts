// Builds the demo application into dist/web, from where the server answers it.

import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // A preload list of the editors would load them with the first page.
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:1234' } },
});
