import { describeBehaviour } from './run.ts';
import { TABLES } from './tables.ts';

/** While working on one family: `FAMILY=cors,errors npx mocha test/behaviour/behaviour.test.ts`. */
const wanted = process.env['FAMILY']?.split(',');

describeBehaviour(wanted === undefined ? TABLES : TABLES.filter(({ family }) => wanted.includes(family)));
