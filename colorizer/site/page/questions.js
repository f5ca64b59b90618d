// Questions to the worker, and its answers.
let worker;
let count = 0;
const waiting = new Map();

export function start() {
  worker = new Worker('worker.js', { type: 'module' });
  worker.onmessage = ({ data: { id, answer, error, progress } }) => {
    const { resolve, reject, told } = waiting.get(id);
    if (progress !== undefined) return told?.(progress);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(answer);
  };
  worker.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Error('failed'));
    waiting.clear();
  };
}

// told: is called with the share that is done.
export function ask(what, question = {}, told) {
  return new Promise((resolve, reject) => {
    waiting.set(++count, { resolve, reject, told });
    worker.postMessage({ id: count, what, ...question });
  });
}
