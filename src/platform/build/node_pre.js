// emcc 3.1.6 takes Node's own fetch for a browser's and then fails to open a file path with it.
globalThis.fetch = undefined;
