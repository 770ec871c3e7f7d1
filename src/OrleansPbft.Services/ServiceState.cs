using System.Text;
using System.Text.Json;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>The replicated state of a <see cref="StateMachine{TCommand, TResult}"/>: values by key, in the order of the keys' bytes.</summary>
public sealed class ServiceState
{
    private readonly OrderedStore _store;
    private readonly JsonSerializerOptions _json;

    internal ServiceState(OrderedStore store, JsonSerializerOptions json) => (_store, _json) = (store, json);

    /// <summary>The value at <paramref name="key"/>, or the default of <typeparamref name="T"/> where there is none.</summary>
    public T? Get<T>(string key) =>
        _store.Find(Encoding.UTF8.GetBytes(key)) is { } entry ? JsonSerializer.Deserialize<T>(entry.Value.Span, _json) : default;

    /// <summary>Whether there is a value at <paramref name="key"/>.</summary>
    public bool Contains(string key) => _store.Find(Encoding.UTF8.GetBytes(key)) is not null;

    /// <summary>Sets the value at <paramref name="key"/>.</summary>
    /// <exception cref="OperationRejectedException">Key and value take more than <see cref="StateEntry.BytesMax"/> bytes: no chunk could carry them.</exception>
    public void Put<T>(string key, T value)
    {
        var (keyBytes, valueBytes) = (Encoding.UTF8.GetBytes(key), JsonSerializer.SerializeToUtf8Bytes(value, _json));
        if (keyBytes.Length + valueBytes.Length > StateEntry.BytesMax)
        {
            throw new OperationRejectedException($"An entry takes {keyBytes.Length + valueBytes.Length} bytes; {StateEntry.BytesMax} is the most.");
        }

        _store.Put(keyBytes, valueBytes);
    }

    /// <summary>Takes the value at <paramref name="key"/> out; false where there is none.</summary>
    public bool Delete(string key) => _store.Delete(Encoding.UTF8.GetBytes(key)) is not null;

    /// <summary>The keys and values whose keys start with <paramref name="prefix"/>, in order. Do not change the state while you walk them.</summary>
    public IEnumerable<KeyValuePair<string, T?>> Range<T>(string prefix)
    {
        var from = Encoding.UTF8.GetBytes(prefix);
        foreach (var entry in _store.From(from))
        {
            if (!entry.Key.Span.StartsWith(from)) yield break;
            yield return new(Encoding.UTF8.GetString(entry.Key.Span), JsonSerializer.Deserialize<T>(entry.Value.Span, _json));
        }
    }
}
