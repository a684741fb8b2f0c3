import Simulation

// The arguments decide what is run; `SimulatorProgram` does it.
var program = SimulatorProgram(Array(CommandLine.arguments.dropFirst()))
program.run()
