namespace GenAI.Chats.SystemTests.Support;

/// <summary>Ends what hangs. Nothing is measured by it: a slow machine only makes tests slow.</summary>
internal static class TimeLimit
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>A token that is cancelled when something that is awaited surely will not come.</summary>
    public static CancellationToken Token => new CancellationTokenSource(Limit).Token;

    /// <summary>Asks again and again, for what is not announced, until the answer is right.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var answer = await ask();
            if (isRight(answer))
            {
                return answer;
            }

            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The answer is still not right: {answer}");
            }
        }
    }
}
