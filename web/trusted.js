// @ts-check
// The address of a worker's script, as a policy of trusted types wants it: scripts come from this site only.

/** @type {any} */ let policy = null;

/** @param {string} url @returns {any} */
export function trusted(url) {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  if (!types) return url;
  policy ??= types.createPolicy('ribostep', {
    createScriptURL(/** @type {string} */ wanted) {
      if (new URL(wanted).origin !== location.origin) throw new TypeError('scripts come from this site only');
      return wanted;
    },
  });
  return policy.createScriptURL(url);
}
