// The network on the GPU: only where the browser has one that gives the same answer sooner than WebAssembly does.
import { fittingSize } from './resize.js';

const SAME = 0.01; // how far apart two answers may be
const SOONER = 2; // how often the GPU has to answer in the time of one answer of WebAssembly, whose first one takes longer

// A session like `slow`, or null. always: even a GPU that is slower, or that the processor pretends to be. What this takes
// is fetched only where there is an adapter; it waits for the GPU by WebAssembly's promises, without which it is twice as large.
export async function faster({ always, slow, facts, bytes, ort, inTurn }) {
  try {
    const adapter = 'Suspending' in WebAssembly && await navigator.gpu?.requestAdapter();
    if (!adapter || (!always && (adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter))) return null;
    const gpu = await import('./onnxruntime/ort.jspi.min.mjs');
    Object.assign(gpu.env.wasm, { wasmPaths: new URL('onnxruntime/', self.location.href).href, numThreads: 1 });
    const wanted = { executionProviders: ['webgpu'], graphOptimizationLevel: 'all', logSeverityLevel: 3 };
    const fast = await gpu.InferenceSession.create(await bytes(), wanted);
    const feeds = slope(ort, fittingSize(3, 4, facts));
    await fast.run(feeds); // its programs are compiled, which takes longest
    return await inTurn(() => asGood(fast, slow, always, feeds)) ? withHelp(fast, slow) : null;
  } catch (error) {
    console.warn(error);
    return null;
  }
}

// What the network is fed with: light that grows across and down, and no hints.
function slope(ort, [height, width]) {
  const L = Float32Array.from({ length: height * width }, (_, i) => 50 * ((i % width) / width + Math.floor(i / width) / height));
  const tensor = (data, channels) => new ort.Tensor('float32', data, [1, channels, height, width]);
  return { L: tensor(L, 1), told: tensor(new Float32Array(3 * height * width), 3) };
}

async function asGood(fast, slow, always, feeds) {
  const timed = async (session) => {
    const start = performance.now();
    return [await session.run(feeds), performance.now() - start];
  };
  const [expected, patience] = await timed(slow);
  const [answer, seconds] = await timed(fast);
  const same = Object.entries(expected).every(([name, { data }]) => data.every((value, i) => Math.abs(value - answer[name].data[i]) < SAME));
  return same && (always || SOONER * seconds < patience);
}

// A GPU may go away: then WebAssembly answers.
function withHelp(fast, slow) {
  let broken = false;
  return {
    async run(feeds) {
      if (!broken) {
        try { return await fast.run(feeds); } catch (error) { console.warn(error); broken = true; }
      }
      return slow.run(feeds);
    },
  };
}
