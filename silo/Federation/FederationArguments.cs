using System.Globalization;

namespace OrleansPbft.Silo.Federation;

/// <summary>What the command line says of a federation; the rest of it are settings.</summary>
/// <param name="Folder">The folder of the organisation, from <c>--config</c>; null for a local cluster.</param>
/// <param name="Replica">Which replica it should be, from <c>--replica</c>; null when it is not said.</param>
/// <param name="Settings">All other arguments.</param>
internal sealed record FederationArguments(string? Folder, int? Replica, string[] Settings)
{
    private const string FolderOption = "--config";
    private const string ReplicaOption = "--replica";

    /// <summary>Takes the two options out of the arguments: each with its value behind it, or after an equals sign.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="problems">Takes a sentence for each that can not be meant.</param>
    public static FederationArguments Parse(IReadOnlyList<string> arguments, List<string> problems)
    {
        var settings = new List<string>();
        string? folder = null;
        string? replica = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!TryTake(FolderOption, ref folder) && !TryTake(ReplicaOption, ref replica)) settings.Add(arguments[i]);

            bool TryTake(string option, ref string? value)
            {
                if (arguments[i].StartsWith(option + "=", StringComparison.Ordinal))
                {
                    value = arguments[i][(option.Length + 1)..];
                    return true;
                }

                if (arguments[i] != option) return false;
                if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal)) value = arguments[++i];
                else problems.Add($"{option} has no value. Write: --replica 2 --config cluster/replica-2");
                return true;
            }
        }

        int? id = int.TryParse(replica, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (replica is not null && id is null) problems.Add($"--replica ('{replica}') must be the number of a replica, as 2.");
        if (replica is not null && folder is null)
        {
            problems.Add("--replica is for a federation: give --config and the folder of the organisation too. For more replicas in one process: --Pbft:Replicas=7");
        }

        return new(folder, id, [.. settings]);
    }
}
