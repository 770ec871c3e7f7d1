using System.Text.Json.Nodes;
using OrleansPbft.Core;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>How an answer came about, as every answer's JSON says it.</summary>
internal static class Agreement
{
    public static JsonObject AddTo(JsonObject json, View view, SequenceNumber sequence, ReplicaSet replicas)
    {
        json["view"] = view.Number;
        json["sequence"] = sequence.Value;
        json["replicas"] = new JsonArray([.. replicas.ToIndexes().Select(static index => JsonValue.Create(index))]);
        return json;
    }
}
