// @ts-check
// What the browser remembers: a few named byte arrays in IndexedDB. Writes of one key queue up and only the
// newest one waits, so fast autosaves cost one write at a time.

const STORE = 'bytes';
/** @type {Promise<IDBDatabase> | null} */ let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('ribostep', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      request.result.onclose = () => (opening = null);  // the browser may take the storage away, and give it back
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the storage is in use by another tab'));
  });
  opening.catch(() => (opening = null));
  return opening;
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function run(mode, work) {
  const transaction = (await database()).transaction(STORE, mode);
  const request = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
  });
}

/** @param {string} key @returns {Promise<Uint8Array | undefined>} */
export const load = key => run('readonly', store => store.get(key));

/** @param {string} key */
export const erase = key => run('readwrite', store => store.delete(key));

/** @type {Map<string, {bytes: Uint8Array, answers: ((error: unknown) => void)[]}>} */
const waiting = new Map();
let writing = false;

/**
 * Resolves when these bytes, or newer ones of the same key, are stored.
 * @param {string} key
 * @param {Uint8Array} bytes
 * @returns {Promise<void>}
 */
export function save(key, bytes) {
  return new Promise((resolve, reject) => {
    const answers = waiting.get(key)?.answers ?? [];
    answers.push(error => (error ? reject(error) : resolve()));
    waiting.set(key, {bytes, answers});
    if (!writing) writeAll();
  });
}

async function writeAll() {
  writing = true;
  for (const [key, job] of waiting) {
    waiting.delete(key);
    let failure = null;
    try {
      await run('readwrite', store => store.put(job.bytes, key));
    } catch (error) {
      failure = error ?? new Error('the browser refused to store data');
    }
    for (const answer of job.answers) answer(failure);
  }
  writing = false;
  if (waiting.size) writeAll();
}
