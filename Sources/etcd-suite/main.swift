SuiteProgram.run(CommandLine.arguments)
