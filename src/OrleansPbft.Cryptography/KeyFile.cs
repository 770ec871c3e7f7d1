using System.Security.Cryptography;

namespace OrleansPbft.Cryptography;

/// <summary>Private keys as PEM files that only their owner can read (rule A-5).</summary>
/// <remarks>On Windows a file gets and keeps the rights of its directory; there the check of the mode does not apply.</remarks>
public static class KeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const int FileBytesMax = 16 << 10;

    /// <summary>Writes a new file of mode 0600.</summary>
    /// <exception cref="IOException">The file exists: a key is never overwritten. Or it can not be written.</exception>
    public static void Save(string path, KeyPair keyPair)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly; // from the first moment, not after the secret is in it
        using var writer = new StreamWriter(path, options);
        writer.Write(keyPair.ToPem());
    }

    /// <summary>Reads a key file.</summary>
    /// <exception cref="CryptographicException">Others than the owner can read or change it, or it is not a P-256 private key. The message says which, and what to do.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static KeyPair Load(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) != 0)
        {
            throw new CryptographicException($"The key file {path} is open to others than its owner. Make it private: chmod 600 {path}");
        }

        if (stream.Length > FileBytesMax) throw new CryptographicException($"The file {path} is too long to be a key file.");

        using var reader = new StreamReader(stream);
        try
        {
            return KeyPair.FromPem(reader.ReadToEnd());
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException($"The file {path} is not a P-256 private key in PEM: {e.Message}", e);
        }
    }
}
