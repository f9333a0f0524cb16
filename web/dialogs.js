// @ts-check
// The HTML dialogs over the canvas: typing sequences, copying by hand, and the report of what went wrong.

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const element = id => /** @type {T} */ (document.getElementById(id));

/** @type {(id: string) => HTMLDialogElement} */ const dialog = id => element(id);
/** @type {(id: string) => HTMLTextAreaElement} */ const area = id => element(id);

/**
 * A real text area: input methods, phone keyboards and screen readers work in it.
 * @param {string} title
 * @param {string} text
 * @param {(text: string) => void} accept
 */
export function edit(title, text, accept) {
  element('editor-title').textContent = title;
  const field = area('editor-text');
  field.value = text;
  const box = dialog('editor');
  element('editor-ok').onclick = () => {
    box.close();
    accept(field.value);
  };
  element('editor-cancel').onclick = () => box.close();
  field.onkeydown = event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) element('editor-ok').click();
  };
  box.onclose = () => element('canvas').focus({preventScroll: true});
  if (!box.open) box.showModal();
  field.focus();
  field.setSelectionRange(text.length, text.length);
}

/** @param {string} text */
export function copyByHand(text) {
  const field = area('copy-text');
  field.value = text;
  const box = dialog('copy');
  element('copy-close').onclick = () => box.close();
  box.onclose = () => element('canvas').focus({preventScroll: true});
  if (!box.open) box.showModal();
  field.focus();
  field.select();
}

/** @param {string} text @returns {Promise<void>} */
export async function writeClipboard(text) {
  if (!navigator.clipboard) throw new Error('no clipboard in this browser');
  await navigator.clipboard.writeText(text);
}

/**
 * @param {string} message what happened, in a sentence
 * @param {string} details for the report
 * @param {() => void} discard forgets the saved session
 */
export function problem(message, details, discard) {
  element('problem-text').textContent = message;
  const report = [message, details, navigator.userAgent, new Date().toISOString()].filter(Boolean).join('\n');
  const field = area('problem-report');
  field.value = report;
  const box = dialog('problem');
  element('problem-copy').onclick = () => writeClipboard(report).catch(() => field.select());
  element('problem-discard').onclick = discard;
  element('problem-dismiss').onclick = () => box.close();
  element('problem-reload').onclick = () => location.reload();
  if (!box.open) box.showModal();
}

/** A line at the top that stays until it is taken away. @param {string} text "" takes it away */
export function banner(text) {
  const line = element('banner');
  line.textContent = text;
  line.hidden = !text;
}
