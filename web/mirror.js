// @ts-check
// What the canvas shows, as buttons, a live line and a table that screen readers and keyboards reach.
// Draws what the program says ("mirror" messages) and knows nothing itself.
import {element} from './dialogs.js';
import {renderSections} from './sections.js';

/** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
/** @type {Map<string, Control>} */ const controls = new Map();

/** Sets text only when it differs: every write to a live region may be read aloud. @param {Element} e @param {string} text */
function say(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

/**
 * @param {Record<string, any> & {sentence?: string, status?: string, caption?: string, title?: string,
 *          table?: string[][], values?: string[][],
 *          buttons?: {verb: string, label: string, pressed?: boolean, disabled?: boolean}[],
 *          choices?: Choice[], sections?: import('./sections.js').Section[]}} mirror
 * @param {(verb: string, words?: Record<string, any>) => void} press
 */
export function render(mirror, press) {
  if (mirror.title) document.title = mirror.title;
  say(element('mirror-sentence'), mirror.sentence ?? '');
  say(element('mirror-status'), mirror.status ?? '');
  say(element('mirror-summary'), mirror.summary ?? '');
  say(element('mirror-model'), mirror.model_words ?? '');
  say(element('mirror-circle'), mirror.circle ?? '');
  say(element('mirror-training'), mirror.training?.line ?? '');
  say(element('mirror-job'), mirror.job ?? '');
  say(element('mirror-results'), mirror.results ?? '');
  renderButtons(mirror.buttons ?? [], press);
  renderChoices(mirror.choices ?? [], press);
  renderTable(mirror.caption ?? '', mirror.table ?? [], mirror.values ?? []);
  renderSections(element('mirror-sections'), mirror.sections ?? [], press);
  renderFigures(mirror);
}

const SHOWN = new Set(['sentence', 'status', 'summary', 'model_words', 'circle', 'title', 'caption', 'table', 'values', 'results', 'buttons', 'choices', 'sections', 'type']);

/** Everything else, for scripts: data-position="12", data-training-updates="120". @param {Record<string, any>} mirror */
function renderFigures(mirror) {
  const data = element('mirror').dataset;
  /** @type {Record<string, string>} */ const wanted = {};
  const put = (/** @type {string} */ name, /** @type {any} */ value) => {
    const key = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    wanted[key] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  for (const [name, value] of Object.entries(mirror)) {
    if (SHOWN.has(name)) continue;
    if (name === 'training' || name === 'model') {
      for (const [inner, figure] of Object.entries(value)) put(`${name}_${inner}`, figure);
    } else {
      put(name, value);
    }
  }
  for (const key of Object.keys(data)) if (!(key in wanted)) delete data[key];
  for (const [key, value] of Object.entries(wanted)) if (data[key] !== value) data[key] = value;
}

/**
 * Buttons are kept by verb, so the focus stays where it is.
 * @param {{verb: string, label: string, pressed?: boolean, disabled?: boolean}[]} wanted
 * @param {(verb: string) => void} press
 */
function renderButtons(wanted, press) {
  const bar = element('mirror-buttons');
  const verbs = new Set(wanted.map(b => b.verb));
  for (const [verb, button] of buttons) {
    if (verbs.has(verb)) continue;
    button.remove();
    buttons.delete(verb);
  }
  wanted.forEach((b, i) => {
    let button = buttons.get(b.verb);
    if (!button) {
      button = document.createElement('button');
      button.type = 'button';
      button.dataset.verb = b.verb;
      button.onclick = event => {
        const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
        if (pressed.getAttribute('aria-disabled') !== 'true') press(b.verb);
      };
      buttons.set(b.verb, button);
    }
    if (bar.children[i] !== button) bar.insertBefore(button, bar.children[i] ?? null);
    say(button, b.label);
    // aria-disabled instead of disabled: a button that vanishes from under the focus loses the reader's place.
    button.setAttribute('aria-disabled', String(b.disabled ?? false));
    if (b.pressed === undefined || b.pressed === null) button.removeAttribute('aria-pressed');
    else button.setAttribute('aria-pressed', String(b.pressed));
  });
}

/**
 * One control of the form. `options`: [value, text, disabled]. `why`: why it cannot be used now.
 * @typedef {{verb: string, group: string, key: string, kind: string, label: string, hint?: string, value: any, why?: string,
 *            low?: number, high?: number, options?: [string, string, boolean][],
 *            offers?: {label: string, key: string, value: any}[]}} Choice
 * @typedef {{wrap: HTMLElement, update: (choice: Choice) => void}} Control
 */

/**
 * The form: a group of controls for each section, kept by verb and key so that the focus stays where it is.
 * @param {Choice[]} wanted
 * @param {(verb: string, words?: Record<string, any>) => void} press
 */
function renderChoices(wanted, press) {
  const bar = element('mirror-choices');
  const ids = new Set(wanted.map(controlId));
  for (const [id, control] of controls) {
    if (ids.has(id)) continue;
    control.wrap.remove();
    controls.delete(id);
  }
  /** @type {Map<Element, Element | null>} */ const after = new Map();  // the last control placed in each group
  for (const choice of wanted) {
    const id = controlId(choice);
    const group = groupFor(bar, choice.group);
    let control = controls.get(id);
    if (!control) {
      control = makeControl(id, choice, press);
      controls.set(id, control);
      const before = after.get(group);
      if (before) before.after(control.wrap);
      else /** @type {Element} */ (group.firstElementChild).after(control.wrap);
    }
    after.set(group, control.wrap);
    control.update(choice);
  }
}

/** @param {Choice} choice */
const controlId = choice => `${choice.verb}-${choice.key}-${choice.kind}`;

/** @param {Element} bar @param {string} name */
function groupFor(bar, name) {
  const there = [...bar.children].find(group => /** @type {HTMLElement} */ (group).dataset.group === name);
  if (there) return there;
  const made = document.createElement('fieldset');
  made.dataset.group = name;
  const legend = document.createElement('legend');
  legend.textContent = name;
  made.append(legend);
  bar.append(made);
  return made;
}

/**
 * @param {string} id
 * @param {Choice} choice
 * @param {(verb: string, words?: Record<string, any>) => void} press
 * @returns {Control}
 */
function makeControl(id, choice, press) {
  const wrap = document.createElement(choice.kind === 'names' ? 'fieldset' : 'span');
  wrap.className = 'choice';
  const name = document.createElement(choice.kind === 'names' ? 'legend' : 'label');
  name.textContent = `${choice.label} `;
  const why = document.createElement('small'), offers = document.createElement('span');
  const body = {list: makeList, flag: makeFlag, names: makeNames}[choice.kind]?.(choice, press) ?? makeInput(choice, press);
  const control = body.element;
  control.dataset.choice = `${choice.verb}-${choice.key}`;
  why.id = `why-${id}`;
  control.setAttribute('aria-describedby', why.id);
  if (choice.kind === 'names') wrap.append(name, control, why, offers);
  else {
    name.append(control);
    wrap.append(name, why, offers);
  }
  let offered = '';
  return {
    wrap,
    update(now) {
      say(why, now.why ? `Not possible: ${now.why}` : now.hint ?? '');
      // As on buttons: aria-disabled keeps the place of a reader; the program refuses what is not possible.
      control.setAttribute('aria-disabled', String(Boolean(now.why)));
      const texts = JSON.stringify(now.offers ?? []);
      if (texts !== offered) {
        offered = texts;
        offers.replaceChildren(...(now.offers ?? []).map(offer => {
          const button = document.createElement('button');
          button.textContent = offer.label;
          button.onclick = () => press(now.verb, {[offer.key]: offer.value});
          return button;
        }));
      }
      body.update(now);
    },
  };
}

/** @typedef {(choice: Choice, press: (verb: string, words?: Record<string, any>) => void) => {element: HTMLElement, update: (now: Choice) => void}} Maker */

/** @type {Maker} */
function makeList(choice, press) {
  const select = document.createElement('select');
  let shown = '';
  let now = choice;
  select.onchange = () => {
    if (now.why) select.value = String(now.value);
    else press(choice.verb, {[choice.key]: select.value});
  };
  return {
    element: select,
    update(next) {
      now = next;
      const texts = JSON.stringify(now.options);
      if (shown !== texts) {
        shown = texts;
        select.replaceChildren(...(now.options ?? []).map(([value, text, disabled]) => {
          const option = new Option(text, value);
          option.disabled = disabled;
          return option;
        }));
      }
      if (select.value !== String(now.value)) select.value = String(now.value);
    },
  };
}

/** @type {Maker} */
function makeFlag(choice, press) {
  const box = document.createElement('input');
  box.type = 'checkbox';
  let now = choice;
  box.onchange = () => {
    if (!now.why) press(choice.verb, {[choice.key]: box.checked});
    box.checked = Boolean(now.value);  // the program has the last word
  };
  return {element: box, update(next) { now = next; box.checked = Boolean(next.value); }};
}

/** Several of the options. @type {Maker} */
function makeNames(choice, press) {
  const list = document.createElement('span');
  let shown = '';
  const chosen = () => [...list.querySelectorAll('input')].filter(box => box.checked).map(box => box.value);
  return {
    element: list,
    update(now) {
      const texts = JSON.stringify(now.options);
      if (shown !== texts) {
        shown = texts;
        list.replaceChildren(...(now.options ?? []).map(([value, text, disabled]) => {
          const label = document.createElement('label'), box = document.createElement('input');
          box.type = 'checkbox';
          box.value = value;
          box.disabled = disabled;
          box.onchange = () => press(choice.verb, {[choice.key]: chosen()});
          label.append(box, ` ${text} `);
          return label;
        }));
      }
      for (const box of list.querySelectorAll('input')) box.checked = now.value.includes(box.value);
    },
  };
}

/** A number, or a list of numbers typed with commas. @type {Maker} */
function makeInput(choice, press) {
  const input = document.createElement('input');
  const list = choice.kind === 'numbers';
  input.type = list ? 'text' : 'number';
  if (list) input.inputMode = 'numeric';
  else input.step = choice.kind === 'whole' ? '1' : 'any';
  let now = choice;
  input.onchange = () => {
    if (!now.why && input.value !== '') press(choice.verb, {[choice.key]: list ? input.value : Number(input.value)});
    else show();
  };
  const show = () => {
    const text = list ? now.value.join(', ') : String(now.value);
    if (input.value !== text) input.value = text;
  };
  return {
    element: input,
    update(next) {
      const changed = JSON.stringify(next.value) !== JSON.stringify(now.value) || input.value === '';
      now = next;
      if (!list) {
        input.min = String(next.low);
        input.max = String(next.high);
      }
      // What is being typed stays.
      if (changed || document.activeElement !== input) show();
    },
  };
}

/**
 * The first row and the first column are headers.
 * @param {string} caption
 * @param {string[][]} rows
 * @param {string[][]} values the same numbers in full precision, kept as data-value
 */
function renderTable(caption, rows, values) {
  const table = element('mirror-table');
  table.hidden = rows.length === 0;
  const head = /** @type {Element} */ (table.querySelector('caption'));
  const body = /** @type {HTMLTableSectionElement} */ (table.querySelector('tbody'));
  say(head, caption);
  rows.forEach((row, r) => {
    const line = body.rows[r] ?? body.insertRow();
    row.forEach((text, c) => {
      const kind = r === 0 || c === 0 ? 'TH' : 'TD';
      let cell = line.cells[c];
      if (!cell || cell.tagName !== kind) {
        const made = /** @type {HTMLTableCellElement} */ (document.createElement(kind));
        if (kind === 'TH') made.scope = r === 0 ? 'col' : 'row';
        if (cell) cell.replaceWith(made);
        else line.append(made);
        cell = made;
      }
      say(cell, String(text));
      const value = values[r]?.[c];
      if (value) cell.dataset.value = value;
      else delete cell.dataset.value;
    });
    while (line.cells.length > row.length) line.deleteCell(-1);
  });
  while (body.rows.length > rows.length) body.deleteRow(-1);
}
