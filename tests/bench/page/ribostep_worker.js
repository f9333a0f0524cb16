// @ts-check
// Ribostep's own training in a worker of a browser: the program of tests/bench/commands.h. Answers {id, words} with
// {id, value} or {id, error}.
// @ts-ignore: built
import createBench from '/build/ribostep_bench_web.mjs';

const made = createBench();

onmessage = async ({data: {id, words}}) => {
  try {
    const module = await made;
    const value = module.ccall('ribostep_bench_ask', 'string', ['string'], [words.join(' ')]);
    if (value.startsWith('error ')) postMessage({id, error: value.slice(6)});
    else postMessage({id, value});
  } catch (error) {
    postMessage({id, error: String(error)});
  }
};
