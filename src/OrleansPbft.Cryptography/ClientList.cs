using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace OrleansPbft.Cryptography;

/// <summary>The clients that a cluster with the access mode <see cref="AccessMode.Listed"/> serves: a text file, a line for each.</summary>
/// <remarks>A line is the public key in 128 hexadecimal digits, a space, and a name. Empty lines and lines that begin with # say nothing.
/// All replicas of a cluster must be given the same list.</remarks>
public static class ClientList
{
    /// <summary>The most clients a list may have.</summary>
    public const int ClientsMax = 65_536;

    private const int NameLengthMax = 64;
    private const int FileBytesMax = 32 << 20;

    /// <summary>Whether a client may be called so.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= NameLengthMax && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
    }

    /// <summary>Reads a list.</summary>
    /// <exception cref="InvalidDataException">A line is none that lists a client; the message names the file and the line.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static ImmutableArray<ListedClient> Load(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > FileBytesMax) throw new InvalidDataException($"The file {path} is too long to be a list of clients.");
        using var reader = new StreamReader(stream);
        return TryParse(reader.ReadToEnd(), out var clients, out var problem) ? clients : throw new InvalidDataException($"{path}: {problem}");
    }

    /// <summary>Reads the text of a list. False, and a sentence that says why, when a line is none.</summary>
    public static bool TryParse(string text, out ImmutableArray<ListedClient> clients, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        clients = [];
        problem = null;
        var read = ImmutableArray.CreateBuilder<ListedClient>();
        var byKey = new Dictionary<PublicKey, int>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;
            if (words.Length != 2 || !PublicKey.TryParse(words[0], out var key) || !IsName(words[1]))
            {
                problem = $"Line {number} is not a public key in 128 hexadecimal digits and a name. 'client keys client' prints such a line.";
            }
            else if (!key.IsValid())
            {
                problem = $"Line {number}: the key of {words[1]} is not a P-256 public key.";
            }
            else if (!byKey.TryAdd(key, number))
            {
                problem = $"Line {number}: the key of {words[1]} is on line {byKey[key]} already.";
            }
            else if (read.Count == ClientsMax)
            {
                problem = $"There are more than {ClientsMax} clients.";
            }
            else
            {
                read.Add(new(key, words[1]));
            }

            if (problem is not null) return false;
        }

        clients = read.DrainToImmutable();
        return true;
    }
}
