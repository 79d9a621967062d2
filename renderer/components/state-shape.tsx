import type { Look, Shape } from '../show/aggregate.ts';

/** Every state is a shape as well as a colour; 12 units wide, drawn on the same optical size. */
const drawings: Readonly<Record<Shape, React.JSX.Element>> = {
  circle: <circle cx="6" cy="6" r="4.5" className="fill" />,
  half: (
    <g className="turning">
      <circle cx="6" cy="6" r="4" className="stroke" />
      <path d="M6 2a4 4 0 0 1 0 8z" className="fill" />
    </g>
  ),
  triangle: <path d="M6 1.6 11 10.4H1z" className="fill joined" />,
  square: <rect x="1.75" y="1.75" width="8.5" height="8.5" rx="1.25" className="fill" />,
  ring: <circle cx="6" cy="6" r="4" className="stroke" />,
  check: <path d="m2 6.4 2.8 2.8L10 3.4" className="stroke" />,
  question: (
    <g>
      <path d="M3.9 4.1a2.1 2.1 0 1 1 3.2 1.8C6.3 6.4 6 6.8 6 7.5" className="stroke" />
      <circle cx="6" cy="10" r="0.9" className="fill" />
    </g>
  ),
  note: <path d="M6 1.6 10.4 6 6 10.4 1.6 6z" className="stroke" />,
  dash: <path d="M2.5 6h7" className="stroke" />,
  cross: <path d="m2.8 2.8 6.4 6.4m0-6.4L2.8 9.2" className="stroke" />,
};

/** Beside its word the shape is decoration; alone (`labelled`) it is an image with that word as its name. */
export function StateShape({ look, labelled = false }: { readonly look: Look; readonly labelled?: boolean }) {
  const common = { className: `shape tone-${look.tone}`, viewBox: '0 0 12 12', width: 12, height: 12 };
  return labelled ? (
    <svg {...common} role="img" aria-label={look.label}>
      {drawings[look.shape]}
    </svg>
  ) : (
    <svg {...common} aria-hidden="true">
      {drawings[look.shape]}
    </svg>
  );
}
