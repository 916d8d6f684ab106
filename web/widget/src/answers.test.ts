import { describe } from "vitest";
import { answersAreRead, configurationsAreRead } from "./answers.cases";

describe("answers", answersAreRead);
describe("configurations", configurationsAreRead);
