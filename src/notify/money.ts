// Money in notifications: a decimal string, or whole minor units with an ISO 4217 code. Never a float: 0.1 + 0.2 is not 0.3.
// Nothing here calculates; amounts are checked and written out.

import type { Amount } from './notification.js';
import { type Check, isRecord } from './shape.js';

const decimalPattern = /^-?(0|[1-9]\d{0,17})(\.\d{1,8})?$/;
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export const currency: Check = (value, at, faults) => {
  if (typeof value !== 'string' || !/^[A-Z]{3}$/.test(value) || !currencies.has(value)) {
    faults.push({ at, detail: 'must be an ISO 4217 code such as EUR' });
  }
};

export const amount: Check = (value, at, faults) => {
  const fits = typeof value === 'string' ? decimalPattern.test(value) : Number.isSafeInteger(value);
  if (!fits) {
    faults.push({
      at,
      detail: 'must be a decimal string such as "19.99", or a whole number of minor units; never a float',
    });
  }
};

/** For data whose currency is optional: minor units mean nothing without one. */
export const currencyForMinorUnits: Check = (value, at, faults) => {
  if (isRecord(value) && typeof value['amount'] === 'number' && value['currency'] === undefined) {
    faults.push({ at: `${at}/currency`, detail: 'is needed with an amount in minor units' });
  }
};

/** How many digits of a currency are minor units (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD. */
const minorDigits = (code: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2;

/** `19.99 EUR` for people to read, from either form. */
export const formatAmount = (value: Amount, code: string | undefined): string => {
  if (code === undefined) return String(value);
  if (typeof value === 'string') return `${value} ${code}`;
  const digits = minorDigits(code);
  const plain = String(Math.abs(value)).padStart(digits + 1, '0');
  const decimal = digits === 0 ? plain : `${plain.slice(0, -digits)}.${plain.slice(-digits)}`;
  return `${value < 0 ? '-' : ''}${decimal} ${code}`;
};
