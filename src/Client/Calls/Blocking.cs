namespace GenAI.Chats.Client;

/// <summary>Blocks until asynchronous calls complete. Nothing in this library resumes on the caller's context, so this can't deadlock.</summary>
internal static class Blocking
{
    /// <summary>Returns the result of a task.</summary>
    public static T Result<T>(this Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>Returns the items of an asynchronous stream.</summary>
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
