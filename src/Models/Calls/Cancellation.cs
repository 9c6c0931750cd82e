namespace GenAI.Chats.Models.Calls;

/// <summary>Cancellation by more than one cause, without a source of its own for each.</summary>
internal static class Cancellation
{
    /// <summary>Cancels the source when the token is, until what is returned is disposed of.</summary>
    public static CancellationTokenRegistration Follow(this CancellationTokenSource source, CancellationToken token) =>
        token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
}
