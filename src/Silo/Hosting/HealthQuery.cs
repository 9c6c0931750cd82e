namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// The command <c>check URL</c>: asks a running server how it is, for containers whose image has no other program that could.
/// </summary>
internal static class HealthQuery
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>The address that is to be asked; null where the arguments are no such command.</summary>
    public static Uri? From(string[] args) => args is ["check", var url] && Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null;

    /// <summary>Asks.</summary>
    /// <returns>The process' exit code: 0 where the answer was a good one, or 1.</returns>
    public static async Task<int> RunAsync(Uri address)
    {
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(address);
            Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            Console.WriteLine(failure.Message);
            return 1;
        }
    }
}
