// The five types of notification: what their data must look like, and the title and message they get when the sender gave none.

import { amount, currency, currencyForMinorUnits, formatAmount } from './money.js';
import {
  type AlertData,
  type BookingData,
  type DataByType,
  type FlightData,
  type NotificationType,
  notificationTypes,
  type PaymentData,
  type SettlementData,
} from './notification.js';
import { type Check, closed, dayOrTime, optional, required, text, whole } from './shape.js';

export interface Wording {
  readonly title: string;
  readonly message: string;
}

const word = text(64);
const name = text(200);
const dayMinutes = 24 * 60;

const settlementMembers = closed({
  name: required(name),
  amount: required(amount),
  currency: optional(currency),
  status: required(word),
});

export const dataChecks: Readonly<Record<NotificationType, Check>> = {
  payment: closed({
    amount: required(amount),
    currency: required(currency),
    status: required(word),
    transactionId: required(name),
  }),
  booking: closed({
    showTitle: required(name),
    date: required(dayOrTime),
    confirmationNumber: required(name),
    status: required(word),
  }),
  flight: closed({
    flightId: required(text(128)),
    flightNumber: required(word),
    status: required(word),
    gate: optional(word),
    terminal: optional(word),
    delayMinutes: optional(whole(-30 * dayMinutes, 30 * dayMinutes)),
  }),
  settlement: (value, at, faults) => {
    settlementMembers(value, at, faults);
    currencyForMinorUnits(value, at, faults);
  },
  alert: closed({ urgency: required(word), message: required(text(2000)), action: optional(text(2000)) }),
};

const capitalised = (status: string): string => status.charAt(0).toUpperCase() + status.slice(1);

const paymentWording = ({ amount, currency, status, transactionId }: PaymentData): Wording => ({
  title: `Payment ${status}`,
  message: `${formatAmount(amount, currency)}, transaction ${transactionId}.`,
});

const bookingWording = ({ showTitle, date, confirmationNumber, status }: BookingData): Wording => ({
  title: `Booking ${status}: ${showTitle}`,
  message: `${showTitle} on ${date.slice(0, 10)}, confirmation ${confirmationNumber}.`,
});

const flightWording = ({ flightNumber, status, gate, terminal, delayMinutes }: FlightData): Wording => {
  const details = [
    `${capitalised(status)}.`,
    delayMinutes === undefined || delayMinutes <= 0 ? '' : `${delayMinutes} minutes late.`,
    terminal === undefined ? '' : `Terminal ${terminal}.`,
    gate === undefined ? '' : `Gate ${gate}.`,
  ];
  return { title: `Flight ${flightNumber}: ${status}`, message: details.filter((part) => part !== '').join(' ') };
};

const settlementWording = ({ name, amount, currency, status }: SettlementData): Wording => ({
  title: `Settlement ${status}: ${name}`,
  message: `${formatAmount(amount, currency)}.`,
});

const alertWording = ({ message }: AlertData): Wording => ({ title: 'Alert', message });

const wordings: { readonly [Type in NotificationType]: (data: DataByType[Type]) => Wording } = {
  payment: paymentWording,
  booking: bookingWording,
  flight: flightWording,
  settlement: settlementWording,
  alert: alertWording,
};

/** Title and message made from data that passed its check. */
export const defaultWording = <Type extends NotificationType>(type: Type, data: DataByType[Type]): Wording =>
  wordings[type](data);

export const isNotificationType = (value: unknown): value is NotificationType =>
  notificationTypes.some((type) => type === value);
