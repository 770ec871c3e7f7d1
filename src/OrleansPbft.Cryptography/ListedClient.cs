namespace OrleansPbft.Cryptography;

/// <summary>One client on a list.</summary>
/// <param name="Key">Its public key.</param>
/// <param name="Name">What people call it: 1 to 64 letters, digits, dots, dashes and underscores.</param>
public readonly record struct ListedClient(PublicKey Key, string Name)
{
    /// <summary>The line that lists it.</summary>
    public override string ToString() => $"{Key} {Name}";
}
