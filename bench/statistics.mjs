// Medians, percentiles, and a recorder of latencies.

/** The value below which the fraction `p` of the sorted `values` lies (nearest rank); null without values. */
export const percentile = (sorted, p) =>
  sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)];

/** null without values. */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Latencies in milliseconds, kept only while a measurement is under way. */
export class Latencies {
  recording = false;
  #values = [];

  add(ms) {
    if (this.recording) this.#values.push(ms);
  }

  summary() {
    const sorted = Float64Array.from(this.#values).sort();
    return { latencyP50Ms: percentile(sorted, 0.5), latencyP99Ms: percentile(sorted, 0.99) };
  }
}
