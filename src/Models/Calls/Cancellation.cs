namespace GenAI.Chats.Models.Calls;

/// <summary>Links cancellation without an additional source.</summary>
internal static class Cancellation
{
    /// <summary>Cancels the source when the token is canceled, until the returned registration is disposed.</summary>
    public static CancellationTokenRegistration Follow(this CancellationTokenSource source, CancellationToken token) =>
        token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
}
