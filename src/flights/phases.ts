// The phases of a flight as one table of legal moves (docs/flights.md, "Phases"). Who may make which move is decided here as well;
// the values that come with a move are not.

import type { Facts } from './flight.js';

export const phases = ['scheduled', 'boarding', 'departed', 'arrived', 'cancelled', 'diverted'] as const;
export type Phase = (typeof phases)[number];

/**
 * `step`: the ordinary way ahead. `back`: a legal return. `skip`: ahead by more than a step, legal when the data shows it.
 * What the table does not list is illegal.
 */
export type Move = 'step' | 'back' | 'skip';

const moves: Readonly<Record<Phase, Readonly<Partial<Record<Phase, Move>>>>> = {
  scheduled: { boarding: 'step', cancelled: 'step', departed: 'skip', arrived: 'skip', diverted: 'skip' },
  boarding: { departed: 'step', cancelled: 'step', scheduled: 'back', arrived: 'skip', diverted: 'skip' },
  departed: { arrived: 'step', diverted: 'step', boarding: 'back', scheduled: 'back' },
  arrived: {},
  cancelled: { scheduled: 'back', boarding: 'skip', departed: 'skip', arrived: 'skip', diverted: 'skip' },
  diverted: { departed: 'back', arrived: 'skip' },
};

export const parsePhase = (text: unknown): Phase | null => phases.find((phase) => phase === text) ?? null;

/** What kind of move this is, `null` for an illegal one and for none at all. */
export const moveBetween = (from: Phase, to: Phase): Move | null => moves[from][to] ?? null;

/** Whether a flight in this phase has not left the gate, so that it has no actual times. */
export const beforeDeparture = (phase: Phase): boolean => phase === 'scheduled' || phase === 'boarding';

/** The phase that actual times alone show, `null` when they show none. */
export const shownPhase = (facts: Facts): Phase | null => {
  if (facts.actualArrival !== undefined) return 'arrived';
  return (facts.actualDeparture ?? facts.actualOff ?? facts.actualOn) ? 'departed' : null;
};

const showsSkip = (to: Phase, facts: Facts): boolean => {
  const shown = shownPhase(facts);
  if (to === 'arrived') return shown === 'arrived' || facts.actualOn !== undefined;
  return (to === 'departed' || to === 'diverted') && shown !== null;
};

/** The phases to which a person may move a flight whose other values are `facts`. */
export const allowedMoves = (from: Phase, facts: Facts): readonly Phase[] =>
  phases.filter((to) => {
    const move = moveBetween(from, to);
    return move === 'step' || move === 'back' || (move === 'skip' && showsSkip(to, facts));
  });
