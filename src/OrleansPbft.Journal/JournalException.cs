namespace OrleansPbft.Journal;

/// <summary>A journal can not do what was asked of it. Nothing may be said that relies on what it did not confirm (rule D-1).</summary>
public abstract class JournalException : Exception
{
    private protected JournalException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
