using System.CommandLine;
using OrleansPbft.ClientConsole.Keys;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>keys: what a federation of organisations needs before its first start, and to go on.</summary>
internal static class KeysVerb
{
    private const int DefaultDays = 730;

    public static Command Create(VerbContext context) => new("keys", "Make and show the keys of a federation: a process for each organisation.")
    {
        CreateInit(context), CreateClient(context), CreateRenew(context), CreateShow(context),
    };

    private static Command CreateInit(VerbContext context)
    {
        var replicas = new Option<int>("--replicas") { Description = "n: how many organisations hold a replica.", HelpName = "number", DefaultValueFactory = static _ => 4 };
        var output = new Option<DirectoryInfo>("--out") { Description = "The new folder that all is put into.", HelpName = "folder", Required = true };
        var addresses = new Option<string[]>("--address") { Description = "Where a replica listens; once for each, in the order of their ids.", HelpName = "host:port" };
        var host = new Option<string>("--host")
        {
            Description = "Where all replicas listen, if no addresses are given.",
            HelpName = "host",
            DefaultValueFactory = static _ => "127.0.0.1",
        };
        var port = Port("--port", "The first replica's port on that host; the others follow.", 7000);
        var httpPort = Port("--http-port", "The port of the first silo's HTTP API, on loopback; the others follow.", FederationPlan.DefaultHttpPort);
        var service = new Option<string>("--service") { Description = "What is replicated.", HelpName = "name", DefaultValueFactory = static _ => "KeyValueStore" };
        var access = new Option<AccessMode>("--access") { Description = "Whether only listed clients are served.", DefaultValueFactory = static _ => AccessMode.Listed };
        var authentication = new Option<AuthenticationMode>("--authentication")
        {
            Description = "How replicas authenticate votes, checkpoints and replies.",
            DefaultValueFactory = static _ => AuthenticationMode.Macs,
        };
        var client = new Option<string>("--client") { Description = "The name of the first client.", HelpName = "name", DefaultValueFactory = static _ => "client" };
        var settings = new Option<string[]>("--option") { Description = "An option that must be equal at all replicas, as LogWindow=512.", HelpName = "name=value" };
        var days = Days();
        var verb = new Command("init", "Make the keys, certificates and files of a new federation, and a folder for each organisation.")
        {
            replicas, output, addresses, host, port, httpPort, service, access, authentication, client, settings, days,
        };
        context.SetAction(verb, (parse, _) =>
        {
            var n = parse.GetValue(replicas);
            var plan = new FederationPlan
            {
                Folder = parse.GetValue(output)!,
                Addresses = FederationPlan.AddressesOf(n, parse.GetValue(addresses) ?? [], parse.GetValue(host)!, parse.GetValue(port)),
                HttpPort = parse.GetValue(httpPort),
                Service = parse.GetValue(service)!,
                Access = parse.GetValue(access),
                Options = FederationPlan.OptionsOf(n, parse.GetValue(settings) ?? [], parse.GetValue(authentication)),
                ValidFor = TimeOf(parse.GetValue(days)),
                Client = NameOf(parse.GetValue(client)!),
            };
            if (plan.HttpPort is < 1 || plan.HttpPort + n > 65_536) throw new UsageException("--http-port must leave a port from 1 to 65535 for each replica.");
            if (plan.Client.StartsWith("replica-", StringComparison.Ordinal))
            {
                throw new UsageException("The first client can not be called like a replica. Give --client another name.");
            }

            return Task.FromResult(FederationMaker.Make(plan, DateTimeOffset.UtcNow));
        });
        return verb;
    }

    private static Command CreateClient(VerbContext context)
    {
        var name = new Option<string>("--name") { Description = "What the client is called.", HelpName = "name", Required = true };
        var output = new Option<DirectoryInfo?>("--out") { Description = "The client's folder; called as the client, when not given.", HelpName = "folder" };
        var cluster = new Option<FileInfo?>("--cluster") { Description = $"The cluster's {ConfigFolder.Cluster}, which is copied into the folder.", HelpName = "file" };
        var verb = new Command("client", "Make a client's key, and print the line that lists it.") { name, output, cluster };
        context.SetAction(verb, (parse, _) =>
        {
            var called = NameOf(parse.GetValue(name)!);
            var file = parse.GetValue(cluster) is { } path ? ClusterFile.Load(path.FullName) : null;
            return Task.FromResult(FederationMaker.MakeClient(parse.GetValue(output) ?? new(called), called, file));
        });
        return verb;
    }

    private static Command CreateRenew(VerbContext context)
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "A replica's folder." };
        var days = Days();
        var verb = new Command("renew", "Make a new certificate for a replica, with the key it has.") { folder, days };
        context.SetAction(verb, (parse, _) => Task.FromResult(FederationMaker.Renew(parse.GetValue(folder)!, TimeOf(parse.GetValue(days)), DateTimeOffset.UtcNow)));
        return verb;
    }

    private static Command CreateShow(VerbContext context)
    {
        var path = new Argument<string>("path") { Description = "A file of a federation, or a folder." };
        var verb = new Command("show", "Say what a file is, and its fingerprints; never a private part.") { path };
        context.SetAction(verb, (parse, _) => Task.FromResult(KeyDescription.Describe(parse.GetValue(path)!, DateTimeOffset.UtcNow)));
        return verb;
    }

    private static Option<int> Port(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "port", DefaultValueFactory = _ => value };

    private static Option<int> Days() =>
        new("--days") { Description = "How many days the certificates are valid.", HelpName = "number", DefaultValueFactory = static _ => DefaultDays };

    private static TimeSpan TimeOf(int days) => days is >= 1 and <= 36_500 ? TimeSpan.FromDays(days) : throw new UsageException("--days must be 1 to 36500.");

    private static string NameOf(string name) => ClientList.IsName(name)
        ? name
        : throw new UsageException($"'{VerbResult.Printable(name)}' is no name for a client: 1 to 64 letters, digits, dots, dashes and underscores.");
}
