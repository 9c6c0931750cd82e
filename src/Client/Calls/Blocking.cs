namespace GenAI.Chats.Client.Calls;

/// <summary>Waits for what is asynchronous. Nothing in this library comes back to the caller's context, so that none can wait for itself.</summary>
internal static class Blocking
{
    /// <summary>The result of a task.</summary>
    public static T Result<T>(this Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>The items of an asynchronous stream.</summary>
    public static IEnumerable<T> Enumerate<T>(this IAsyncEnumerable<T> items)
    {
        var enumerator = items.GetAsyncEnumerator();
        try
        {
            while (enumerator.MoveNextAsync().AsTask().Result())
            {
                yield return enumerator.Current;
            }
        }
        finally
        {
            enumerator.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
