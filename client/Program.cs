return await OrleansPbft.ClientConsole.ConsoleProgram.RunAsync(args, OrleansPbft.ClientConsole.ConsoleIo.System);
