using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>A service written as records and one method (rule S-2): commands in, results out, state in a <see cref="ServiceState"/>.</summary>
/// <remarks>
/// <para>Commands and results travel as JSON: strict (unknown members are refused), without comments, at most 32 levels deep. For several
/// kinds of commands let <typeparamref name="TCommand"/> be an abstract record with <see cref="JsonDerivedTypeAttribute"/>s.</para>
/// <para>All state must live in the <see cref="ServiceState"/> that <see cref="Apply(TCommand, ServiceState, in OperationContext)"/> is given: then
/// Merkle root, state transfer and
/// rollback come for free. A field of your own class is not replicated state and must not influence a result. Neither may
/// the clock, randomness, culture or the environment: use the context (S-1).</para>
/// </remarks>
/// <typeparam name="TCommand">What clients ask.</typeparam>
/// <typeparam name="TResult">What they are answered.</typeparam>
public abstract class StateMachine<TCommand, TResult> : IStateMachine
    where TCommand : notnull
{
    private readonly OrderedStore _store = new();
    private readonly ServiceState _state;

    /// <summary>Starts with an empty state.</summary>
    protected StateMachine() => _state = new(_store, Json);

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public StateTree State => _store.State;

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        MaxDepth = 32,
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = false,
    };

    /// <summary>Encodes a command as an operation.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Called on the service, a class that is not generic: Library.Encode(command).")]
    public static byte[] Encode(TCommand command) => JsonSerializer.SerializeToUtf8Bytes(command, Json);

    /// <summary>Reads a result.</summary>
    /// <exception cref="JsonException">The bytes are no result of this service.</exception>
    [SuppressMessage("Design", "CA1000", Justification = "Called on the service, a class that is not generic: Library.Encode(command).")]
    public static TResult? Decode(ReadOnlySpan<byte> result) => JsonSerializer.Deserialize<TResult>(result, Json);

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        var command = Read(operation);
        _store.Begin();
        try
        {
            Write(Apply(command, _state, context), result);
        }
        catch
        {
            _store.Rollback();
            throw;
        }

        _store.Commit();
    }

    /// <inheritdoc/>
    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
        var command = Read(operation);
        _store.Begin();
        try
        {
            Write(Query(command, _state), result);
        }
        finally
        {
            _store.Rollback(); // whatever a query did to the state, it did not do
        }
    }

    /// <inheritdoc/>
    public bool Restore(StateTree state) => _store.Restore(state);

    /// <inheritdoc/>
    public void Rehash() => _store.Rehash();

    /// <summary>Applies one command. What it throws becomes the same error on every replica, and what it changed is taken back (S-3).</summary>
    /// <exception cref="OperationRejectedException">Throw it to refuse a command with a reason for the client.</exception>
    protected abstract TResult Apply(TCommand command, ServiceState state, in OperationContext context);

    /// <summary>Answers a read-only command; refuses all commands unless overridden.</summary>
    protected virtual TResult Query(TCommand command, ServiceState state) =>
        throw new OperationRejectedException("This service answers no queries.");

    private static TCommand Read(ReadOnlySpan<byte> operation)
    {
        try
        {
            return JsonSerializer.Deserialize<TCommand>(operation, Json) ?? throw new OperationRejectedException("The command is null.");
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException)
        {
            // Not its message: that may differ between runtimes, and all replicas must answer the same (S-3).
            throw new OperationRejectedException("The command is not valid JSON for this service.");
        }
    }

    private static void Write(TResult answer, IBufferWriter<byte> result)
    {
        using var writer = new Utf8JsonWriter(result);
        JsonSerializer.Serialize(writer, answer, Json);
    }
}
