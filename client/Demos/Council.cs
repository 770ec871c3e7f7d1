using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>What one loyal general knows in the end: what it was told by whom, and what it decided.</summary>
/// <param name="General">Its number.</param>
/// <param name="Order">The order it proposed.</param>
/// <param name="Decision">The order it believes was decided; null when it believes none.</param>
/// <param name="Heard">What each replica told it when it asked for the decision; null where it heard nothing.</param>
internal sealed record Council(int General, string Order, string? Decision, IReadOnlyList<string?> Heard)
{
    public const string Attack = "attack";
    public const string Retreat = "retreat";

    /// <summary>What a general has in mind.</summary>
    public static string OrderOf(int general) => general % 2 == 0 ? Attack : Retreat;

    /// <summary>What every loyal general heard and decided, a line each; the traitors' columns are marked.</summary>
    public static string Describe(IEnumerable<Council> loyal, IReadOnlySet<int> traitors)
    {
        var text = new StringBuilder();
        foreach (var general in loyal)
        {
            text.Append(CultureInfo.InvariantCulture, $"general {general.General}   proposed {general.Order,-8} heard   ");
            text.AppendJoin("   ", general.Heard.Select((said, id) => $"{id}{(traitors.Contains(id) ? "!" : "")}: {said ?? "nothing"}"));
            text.Append(CultureInfo.InvariantCulture, $"   decides {general.Decision ?? "nothing"}\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    public static JsonObject ToJson(IEnumerable<Council> loyal, IReadOnlySet<int> traitors) => new()
    {
        ["kind"] = "decisions",
        ["traitors"] = Wording.Ids(traitors.Order()),
        ["loyal"] = new JsonArray([.. loyal.Select(static general => (JsonNode)new JsonObject
        {
            ["general"] = general.General,
            ["proposed"] = general.Order,
            ["decides"] = general.Decision,
            ["heard"] = new JsonArray([.. general.Heard.Select(static said => JsonValue.Create(said))]),
        })]),
    };

    /// <summary>Whether all decided, equally, and for an order that can be meant.</summary>
    public static bool Agree(IReadOnlyCollection<Council> loyal) =>
        loyal.Select(static general => general.Decision).Distinct().Count() == 1 && loyal.First().Decision is Attack or Retreat;
}
