using System.ComponentModel;
using System.Text;
using System.Text.Unicode;
using OrleansPbft.Client;
using OrleansPbft.Grains;
using OrleansPbft.Services;

namespace OrleansPbft.Silo.Api;

/// <summary><c>/v1/kv</c>: the replicated key-value store.</summary>
internal static class KeyValueApi
{
    private const string KeyDescription = "1 to 1024 bytes of UTF-8 without control characters, percent-encoded: a slash is %2F.";

    private const string OrderedDescription = "true: have the read ordered like a write, in any case.";

    public static void MapKeyValueApi(this IEndpointRouteBuilder endpoints)
    {
        var store = endpoints.MapGroup("/v1/kv").WithTags("Key-value store").RequireRateLimiting(HttpApi.OperationsPolicy).AddEndpointFilter(RequireStoreAsync);
        store.MapPut("/{key}", PutAsync)
            .Produces<EntryWritten>().ProducesProblem(StatusCodes.Status409Conflict).ProducesOrderingProblems()
            .WithSummary("Writes an entry; with ifVersion only if it has that version, 0 meaning that it must not exist.");
        store.MapGet("/{key}", GetAsync)
            .Produces<EntryRead>().ProducesProblem(StatusCodes.Status404NotFound).ProducesOrderingProblems()
            .WithSummary("Reads an entry, as it is after every write that was answered before: q replicas are asked, or the read is ordered.");
        store.MapDelete("/{key}", DeleteAsync)
            .Produces<EntryDeleted>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesOrderingProblems()
            .WithSummary("Takes an entry out; with ifVersion only if it has that version.");
        store.MapPost("/{key}/increment", IncrementAsync)
            .Produces<EntryIncremented>().ProducesProblem(StatusCodes.Status409Conflict).ProducesOrderingProblems()
            .WithSummary("Adds to an entry that holds a decimal number of 64 bits; one that does not exist counts as 0.");
        store.MapGet("", ListAsync)
            .Produces<EntryList>().ProducesOrderingProblems()
            .WithSummary("Reads entries in the order of their keys' bytes, a page at a time.");
    }

    private static async Task<IResult> PutAsync(
        [Description(KeyDescription)] string key, PutRequest request, HttpContext context, PbftCluster cluster, OrderingClients clients, CancellationToken cancelled)
    {
        key = KeyInPath.Read(context, key);
        if (request.Value is null == request.ValueBase64 is null) throw new BadHttpRequestException("The body must have either value or valueBase64.");
        var value = request.ValueBase64 ?? Encoding.UTF8.GetBytes(request.Value!);
        if (value.Length > KeyValueStore.ValueBytesMax)
        {
            return ProblemMapper.Answer(
                StatusCodes.Status413PayloadTooLarge, "too-large", $"The value has {value.Length} bytes; {KeyValueStore.ValueBytesMax} is the most.");
        }

        RequireVersion(request.IfVersion);
        var operation = KeyValueOperation.Put(key, value, request.IfVersion);
        if (OperationsApi.FindTooLarge(operation.Length, cluster) is { } tooLarge) return tooLarge;
        var answer = await AskAsync(clients, operation, cancelled);
        return answer.Result.Outcome == KeyValueOutcome.Written
            ? TypedResults.Ok(new EntryWritten { Key = key, Version = answer.Result.Version }.With(answer))
            : Refuse(key, answer);
    }

    private static async Task<IResult> GetAsync(
        [Description(KeyDescription)] string key,
        HttpContext context,
        OrderingClients clients,
        CancellationToken cancelled,
        [Description(OrderedDescription)] bool ordered = false)
    {
        key = KeyInPath.Read(context, key);
        var answer = await ReadAsync(clients, KeyValueOperation.Get(key), ordered, cancelled);
        if (answer.Result.Outcome != KeyValueOutcome.Found) return Refuse(key, answer);
        var (text, base64) = Show(answer.Result.Value);
        return TypedResults.Ok(new EntryRead { Key = key, Value = text, ValueBase64 = base64, Version = answer.Result.Version }.WithRead(answer));
    }

    private static async Task<IResult> DeleteAsync(
        [Description(KeyDescription)] string key, long? ifVersion, HttpContext context, OrderingClients clients, CancellationToken cancelled)
    {
        key = KeyInPath.Read(context, key);
        RequireVersion(ifVersion);
        var answer = await AskAsync(clients, KeyValueOperation.Delete(key, ifVersion), cancelled);
        return answer.Result.Outcome == KeyValueOutcome.Deleted
            ? TypedResults.Ok(new EntryDeleted { Key = key, Version = answer.Result.Version }.With(answer))
            : Refuse(key, answer);
    }

    private static async Task<IResult> IncrementAsync(
        [Description(KeyDescription)] string key, IncrementRequest? request, HttpContext context, OrderingClients clients, CancellationToken cancelled)
    {
        key = KeyInPath.Read(context, key);
        var answer = await AskAsync(clients, KeyValueOperation.Increment(key, request?.By ?? 1), cancelled);
        if (answer.Result.Outcome != KeyValueOutcome.Written) return Refuse(key, answer);
        return long.TryParse(answer.Result.Value.Span, out var number)
            ? TypedResults.Ok(new EntryIncremented { Key = key, Value = number, Version = answer.Result.Version }.With(answer))
            : throw new PbftFaultyClusterException("The cluster says that an increment wrote what is no number.");
    }

    private static async Task<IResult> ListAsync(
        OrderingClients clients,
        CancellationToken cancelled,
        [Description("What the keys start with.")] string prefix = "",
        [Description("Only keys after this one: next of the page before.")] string? after = null,
        [Description("At most so many entries: 1 to 1000.")] int limit = 100,
        [Description(OrderedDescription)] bool ordered = false)
    {
        if (limit is < 1 or > KeyValueStore.RangeItemsMax) throw new BadHttpRequestException($"The limit is {limit}; 1 to {KeyValueStore.RangeItemsMax} is allowed.");
        RequireEncodable(prefix);
        RequireEncodable(after ?? "");
        var answer = await ReadAsync(clients, KeyValueOperation.Range(prefix, after, limit), ordered, cancelled);
        var items = answer.Result.Items.Select(static item =>
        {
            var (text, base64) = Show(item.Value);
            return new EntryListItem { Key = item.Key, Value = text, ValueBase64 = base64, Version = item.Version };
        });
        return TypedResults.Ok(new EntryList { Items = [.. items], Next = answer.Result.Next }.WithRead(answer));
    }

    private static async Task<KeyValueAnswer> ReadAsync(OrderingClients clients, byte[] operation, bool ordered, CancellationToken cancelled) =>
        ordered ? await AskAsync(clients, operation, cancelled) : KeyValueAnswer.Of(await clients.QueryAsync(operation, cancelled));

    private static async Task<KeyValueAnswer> AskAsync(OrderingClients clients, byte[] operation, CancellationToken cancelled) =>
        KeyValueAnswer.Of(await clients.SubmitAsync(operation, cancelled));

    /// <summary>The answers that are no success.</summary>
    private static IResult Refuse(string key, KeyValueAnswer answer)
    {
        var refusal = KeyValueRefusal.Of(key, answer.Result);
        return refusal.Code == KeyValueRefusal.NotFound
            ? ProblemMapper.Answer(StatusCodes.Status404NotFound, refusal.Code, refusal.Message)
            : ProblemMapper.Answer(StatusCodes.Status409Conflict, refusal.Code, refusal.Message, KeyValuePair.Create("version", (object?)refusal.Version));
    }

    /// <summary>A value as text where it is text, in base64 otherwise.</summary>
    private static (string? Text, ReadOnlyMemory<byte>? Base64) Show(ReadOnlyMemory<byte> value) =>
        Utf8.IsValid(value.Span) ? (Encoding.UTF8.GetString(value.Span), null) : (null, value);

    private static void RequireVersion(long? version)
    {
        if (version < 0) throw new BadHttpRequestException($"ifVersion is {version}; versions begin at 1, and 0 means that there must be no entry.");
    }

    private static void RequireEncodable(string key)
    {
        if (Encoding.UTF8.GetByteCount(key) > KeyValueStore.KeyBytesMax) throw new BadHttpRequestException($"A key has {KeyValueStore.KeyBytesMax} bytes at most.");
    }

    private static async ValueTask<object?> RequireStoreAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var cluster = context.HttpContext.RequestServices.GetRequiredService<PbftCluster>();
        return cluster.Service == ServiceCatalog.KeyValueStore
            ? await next(context)
            : ProblemMapper.Answer(
                StatusCodes.Status404NotFound, "other-service", $"This cluster replicates {cluster.Service}, no key-value store. Use POST /v1/operations.");
    }
}
