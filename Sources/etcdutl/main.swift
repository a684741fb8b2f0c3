import CommandLine

Tool.run()
