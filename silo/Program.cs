return await OrleansPbft.Silo.SiloHost.RunAsync(args, Console.Out, Console.Error);
