// @ts-check
// Everybody who trains the bench's models, behind one face: make a model, make steps, say how long they took.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/**
 * @typedef {{cell: 'elman' | 'gru' | 'lstm', hidden: number, length: number, batch: number, pool: 'last' | 'mean'}} Shape
 * @typedef {{
 *   name: string,
 *   make: (shape: Shape) => Promise<unknown>,
 *   step: (n: number) => Promise<number>,
 * }} Engine  step: milliseconds a step, the mean of n
 */

/** A program that answers each line of its standard input with a line. */
export class LineProcess {
  /** @param {string} path @param {string[]} words @param {Record<string, string>} [environment] */
  constructor(path, words, environment = {}) {
    this.child = spawn(path, words, {stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env, ...environment}});
    /** @type {{resolve: (line: string) => void, reject: (error: Error) => void}[]} */
    this.waiting = [];
    createInterface({input: this.child.stdout}).on('line', line => {
      const asked = this.waiting.shift();
      if (line.startsWith('error ')) asked?.reject(new Error(`${path}: ${line.slice(6)}`));
      else asked?.resolve(line);
    });
    const over = () => {
      for (const asked of this.waiting.splice(0)) asked.reject(new Error(`${path} has ended`));
    };
    this.child.on('error', over).on('exit', over);
    this.child.stdin.on('error', over);
  }

  /** @param {(string | number)[]} words @returns {Promise<string>} */
  ask(...words) {
    return new Promise((resolve, reject) => {
      if (this.child.exitCode !== null) return reject(new Error('the program has ended'));
      this.waiting.push({resolve, reject});
      this.child.stdin.write(words.join(' ') + '\n');
    });
  }

  close() {
    this.child.stdin.end();
    this.child.kill();
  }
}

/** A worker of the bench page, by its name. */
export class PageWorker {
  /** @param {import('playwright-core').Page} page @param {string} name */
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  /** @param {(string | number)[]} words @returns {Promise<any>} */
  ask(...words) {
    return this.page.evaluate(
        ([name, list]) => /** @type {any} */ (globalThis).bench.ask(name, list),
        /** @type {[string, string[]]} */ ([this.name, words.map(String)]));
  }

  /** Ends the worker; the next question starts a new one. */
  stop() {
    return this.page.evaluate(name => /** @type {any} */ (globalThis).bench.stop(name), this.name);
  }
}

/** @param {Shape} shape */
export const shapeWords = shape => [shape.cell, shape.hidden, shape.length, shape.batch, shape.pool];

/** @param {string} name @param {LineProcess | PageWorker} program @returns {Engine} */
export const ribostep = (name, program) => ({
  name,
  make: shape => program.ask('make', ...shapeWords(shape)),
  step: async n => Number(await program.ask('step', n)),
});

/** One process serves any number of threads. @param {string} name @param {LineProcess} program @param {number} threads @returns {Engine} */
export const torch = (name, program, threads) => ({
  name,
  make: async shape => {
    await program.ask('threads', threads);
    await program.ask('make', ...shapeWords(shape));
  },
  step: async n => {
    await program.ask('threads', threads);
    return Number(await program.ask('step', n));
  },
});

/**
 * @param {string} name
 * @param {PageWorker} worker
 * @param {string} backend
 * @param {string} way
 * @returns {Engine}
 */
export const tfjs = (name, worker, backend, way) => ({
  name,
  make: shape => worker.ask('make', backend, way, ...shapeWords(shape)),
  step: async n => Number(await worker.ask('step', n)),
});
