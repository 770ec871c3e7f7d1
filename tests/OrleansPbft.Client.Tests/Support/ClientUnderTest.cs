using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>One client of a cluster of four (f = 1), whose network, replicas and clock belong to the test.</summary>
internal sealed class ClientUnderTest : IAsyncDisposable
{
    private readonly KeyPair _key = SealedReplicas.KeyOf(101);

    public ClientUnderTest(PbftClientOptions? options = null, int window = 4)
    {
        Replicas = new(window: window);
        Transport = new(new WireLimits(Replicas.Options));
        Client = new(Replicas.Cluster, _key, Transport, Verifier, options ?? new() { RequestTimeout = TimeSpan.FromSeconds(10) }, Time);
    }

    public ManualTime Time { get; } = new();

    public SealedReplicas Replicas { get; }

    public ScriptedTransport Transport { get; }

    public SignatureVerifier Verifier { get; } = new(new());

    public PbftClient Client { get; }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public Task<OperationOutcome> Submit(string operation = "op") => Submit(CancellationToken.None, operation);

    public Task<OperationOutcome> Submit(CancellationToken cancel, string operation = "op") => Client.SubmitAsync(Bytes(operation), cancel);

    /// <summary>Submits, opens the session, and returns the request that then is sent.</summary>
    public async Task<(Task<OperationOutcome> Task, Sent Sent)> SubmitFirstAsync(long session = 1)
    {
        var task = Submit();
        await OpenAsync(session);
        return (task, await Transport.NextAsync());
    }

    public async Task OpenAsync(long session = 1, long view = 0)
    {
        var open = await Transport.NextAsync();
        Assert.Equal(SessionId.None, open.Request.Session);
        Reply(open, ReplyStatus.SessionOpened, replicas: [0, 1], session: session, view: view);
    }

    public async Task<(Task<OperationOutcome> Task, Sent Sent)> SubmitNextAsync()
    {
        var task = Submit();
        return (task, await Transport.NextAsync());
    }

    /// <summary>Replicas answer; their results are one "r" when not given.</summary>
    public void Reply(Sent to, ReplyStatus status, int[] replicas, byte[]? results = null, long view = 0, long session = 1, long sequence = 7)
    {
        if (status == ReplyStatus.Executed) results ??= SealedReplicas.Results("r");
        foreach (var replica in replicas)
        {
            Transport.Deliver(Replicas.Seal(replica, to.Request, status, results, sequence, view, session));
        }
    }

    /// <summary>Begins a read, and returns it as it is sent.</summary>
    public Task<(Task<OperationOutcome> Task, Sent Sent)> QueryAsync() => QueryWithAsync(CancellationToken.None);

    /// <summary>Begins a read that can be cancelled.</summary>
    public async Task<(Task<OperationOutcome> Task, Sent Sent)> QueryWithAsync(CancellationToken cancel)
    {
        var task = Client.QueryAsync(Bytes("get"), cancel);
        var sent = await Transport.NextAsync();
        Assert.True(sent.IsRead);
        return (task, sent);
    }

    /// <summary>Replicas answer a read; their results are one "r" when not given.</summary>
    public void ReplyToRead(Sent to, int[] replicas, string result = "r", long executed = 7, long? prepared = null, long view = 0)
    {
        foreach (var i in replicas)
        {
            Transport.Deliver(Replicas.SealRead(i, to.Request.Client, to.Request.Number, SealedReplicas.Results(result), executed, prepared, view: view));
        }
    }

    public static string Text(OperationOutcome outcome) => Encoding.UTF8.GetString(outcome.Result.Data.Span);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        Replicas.Dispose();
        _key.Dispose();
    }
}
