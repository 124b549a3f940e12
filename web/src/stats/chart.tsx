// A small line over time, with its newest value in words for those who cannot see it.

const width = 240;
const height = 56;
/** Room above the highest value and below zero, so that the line is never cut. */
const margin = 4;

interface ChartProps {
  /** One a sample, oldest first. */
  readonly values: readonly number[];
  /** How many samples fill the width: the newest stands at the right edge. */
  readonly span: number;
  readonly label: string;
}

export const Chart = ({ values, span, label }: ChartProps) => {
  const top = Math.max(1, ...values);
  // A single value is drawn as if it had been so before.
  const drawn = values.length === 1 ? [...values, ...values] : values;
  const step = width / (span - 1);
  const points = drawn.map((value, index) => {
    const x = width - (drawn.length - 1 - index) * step;
    const y = height - margin - (value / top) * (height - 2 * margin);
    return { x, y: y.toFixed(1) };
  });
  const line = points.map(({ x, y }) => `${x.toFixed(1)},${y}`).join(' ');
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <line x1="0" x2={width} y1={height - margin} y2={height - margin} vector-effect="non-scaling-stroke" />
      {points[0] && <polygon points={`${points[0].x.toFixed(1)},${height} ${line} ${width},${height}`} />}
      {points[0] && <polyline points={line} vector-effect="non-scaling-stroke" />}
    </svg>
  );
};
