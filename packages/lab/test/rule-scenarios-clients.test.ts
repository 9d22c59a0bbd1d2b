// One scenario for each removable rule of this chapter: really started, attacked and graded. The loop shows the same of probe and
// rule alone; this shows that what the catalogue says of the whole, key and priority, is so.
import { gradeChapter } from './rule-grades.ts'

gradeChapter('clients')
