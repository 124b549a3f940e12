// A small line over time, with its newest value in words for those who cannot see it.

const width = 240;
const height = 56;

export const Chart = ({ values, label }: { values: readonly number[]; label: string }) => {
  const top = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${(index * step).toFixed(1)},${(height - 3 - (value / top) * (height - 8)).toFixed(1)}`,
  );
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {points.length > 1 && <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} />}
      {points.length > 1 && <polyline points={points.join(' ')} vector-effect="non-scaling-stroke" />}
    </svg>
  );
};
