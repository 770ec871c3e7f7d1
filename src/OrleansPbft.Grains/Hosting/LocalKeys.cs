using System.Collections.Immutable;
using System.Security.Cryptography;
using OrleansPbft.Cryptography;
using OrleansPbft.Journal;

namespace OrleansPbft.Grains;

/// <summary>The keys of a local cluster (shape S1) that keeps its state: made at the first start, beside the journals, and the same ever after.</summary>
internal static class LocalKeys
{
    private const string Folder = "keys";

    /// <summary>Reads the keys of n replicas; makes them where there are none.</summary>
    /// <exception cref="JournalMismatchException">They are of another number of replicas.</exception>
    /// <exception cref="JournalAccessException">They can not be read or written; or a file is none of a key, or open to others than its owner.</exception>
    public static ImmutableArray<KeyPair> LoadOrCreate(string journalDirectory, int replicas)
    {
        try
        {
            return LoadOrCreateAll(journalDirectory, replicas);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new JournalAccessException(journalDirectory, failure);
        }
    }

    private static ImmutableArray<KeyPair> LoadOrCreateAll(string journalDirectory, int replicas)
    {
        var folder = Path.Combine(journalDirectory, Folder);
        if (!Directory.Exists(folder)) Create(folder, replicas);
        var found = Directory.GetFiles(folder, "*.pem").Length;
        if (found != replicas)
        {
            throw new JournalMismatchException(
                $"There are keys of {found} replicas in {folder}, and Replicas is {replicas}. A cluster keeps its size: set Replicas back, or give a new cluster "
                + "another JournalDirectory.");
        }

        return [.. Enumerable.Range(0, replicas).Select(i => KeyFile.Load(PathOf(folder, i)))];
    }

    /// <summary>All of them or none: a folder that has its name is complete.</summary>
    private static void Create(string folder, int replicas)
    {
        var unfinished = folder + ".new";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        for (var i = 0; i < replicas; i++)
        {
            using var key = KeyPair.Create();
            KeyFile.Save(PathOf(unfinished, i), key);
        }

        Directory.Move(unfinished, folder);
    }

    private static string PathOf(string folder, int replica) => Path.Combine(folder, $"replica-{replica}.pem");
}
